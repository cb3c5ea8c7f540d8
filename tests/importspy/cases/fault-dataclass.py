from dataclasses import dataclass


@dataclass
class C:
    x: int = 1

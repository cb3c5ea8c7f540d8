from dataclasses import dataclass, field

__all__ = ["Product", "Category"]


@dataclass
class Product:
    name: str
    price: int
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Category:
    name: str
    parent: "Category | None" = None

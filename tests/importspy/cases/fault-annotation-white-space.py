def f() -> dict[str, int]:
    pass

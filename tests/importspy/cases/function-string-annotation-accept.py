def f(x: "Later") -> "list[int]":
    pass

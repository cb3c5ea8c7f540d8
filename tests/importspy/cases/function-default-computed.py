def f(x=int("1")):
    pass

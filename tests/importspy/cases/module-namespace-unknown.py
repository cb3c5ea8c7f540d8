globals()["y"] = 1
x = 1

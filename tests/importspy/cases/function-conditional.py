import sys
if sys.platform == "x":
    def f():
        pass

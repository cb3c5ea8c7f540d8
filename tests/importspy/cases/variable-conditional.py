import sys
if sys.platform == "x":
    maybe = 1

import os

os.environ["A"] = "1"
x = 1

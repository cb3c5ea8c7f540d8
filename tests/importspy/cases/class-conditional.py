try:
    class C:
        pass
except ValueError:
    pass

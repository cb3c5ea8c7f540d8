class C:
    def __init__(self):
        self.settings = {}

NAMES = ["card", "transfer"]

low = -3
far = -2.5

from itertools import islice


def batched(values, count):
    values = iter(values)
    while batch := tuple(islice(values, count)):
        yield batch

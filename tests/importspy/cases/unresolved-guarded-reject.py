try:
    import gone_for_good
except ImportError:
    pass

from .prices import rounded as rounded

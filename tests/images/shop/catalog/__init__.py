from .models import *
from .models import Product as _Product

default = _Product("nothing", 0)

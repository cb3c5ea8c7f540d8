"""Django settings, as short as they can be."""

import os

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "insecure")
INSTALLED_APPS = ["django.contrib.contenttypes", "shop.catalog", "shop.orders"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "shop.urls"
CURRENCY = "EUR"

from django.urls import path

from .catalog import views as catalog_views
from .orders.views import checkout, history

urlpatterns = [
    path("", catalog_views.index),
    path("checkout", checkout),
    path("history", history),
]

import subprocess
from django.http import JsonResponse

from shop.orders.models import Order
from shop.payments import gateway as gw, methods


def checkout(request):
    from shop.catalog import default

    order = Order([default])
    return JsonResponse({"paid": gw.pay(order), "methods": methods.NAMES})


def history(request):
    log = subprocess.run("tail -n 10 /var/log/shop", shell=True, capture_output=True)
    return JsonResponse({"log": log.stdout.decode()})

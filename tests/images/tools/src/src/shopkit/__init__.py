import shoptools.prices

round_price = shoptools.prices.rounded

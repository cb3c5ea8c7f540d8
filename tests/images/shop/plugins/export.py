import numpy as np, pandas as pd
import xml.etree.ElementTree as ElementTree


def run(currency):
    return pd.Series(np.zeros(3), name=currency), ElementTree.Element("export")

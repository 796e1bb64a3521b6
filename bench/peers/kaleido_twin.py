"""Exports the Plotly figures on stdin as SVG, PDF and PNG with Kaleido; prints the seconds it took as JSON."""
import json
import sys
import tempfile
import time
from pathlib import Path

from importlib.metadata import version

import kaleido
import plotly.io as pio

figures = json.load(sys.stdin)
kaleido.start_sync_server(n=1)
with tempfile.TemporaryDirectory() as folder:
    warm = figures[0]
    pio.write_image({"data": warm["data"], "layout": warm["layout"]}, Path(folder) / "warm.png", validate=False)
    started = time.perf_counter()
    for figure in figures:
        for kind in ("svg", "pdf", "png"):
            scale = 300 / 96 if kind == "png" else 1
            pio.write_image({"data": figure["data"], "layout": figure["layout"]}, Path(folder) / f"{figure['id']}.{kind}", scale=scale, validate=False)
    seconds = time.perf_counter() - started
kaleido.stop_sync_server()
print(json.dumps({"seconds": seconds, "versions": f"Kaleido {version('kaleido')}, plotly {version('plotly')}"}))

"""Turns the Plotly figures and tables on stdin into a notebook and has nbconvert make HTML and webpdf of it; prints the seconds as JSON."""
import json
import os
import sys
import time
from importlib.metadata import version

import nbformat
import plotly.io as pio
from nbconvert import HTMLExporter, WebPDFExporter
from playwright.async_api import BrowserType

given = json.load(sys.stdin)
cells = [nbformat.v4.new_markdown_cell("# Bench")]
for table in given["tables"]:
    cells.append(nbformat.v4.new_markdown_cell(table))
for i, figure in enumerate(given["figures"]):
    html = pio.to_html({"data": figure["data"], "layout": figure["layout"]}, include_plotlyjs=i == 0, full_html=False, validate=False)
    output = nbformat.v4.new_output("display_data", data={"text/html": html, "text/plain": figure["id"]})
    cells.append(nbformat.v4.new_code_cell(f"show({figure['id']!r})", outputs=[output], execution_count=i + 1))
notebook = nbformat.v4.new_notebook(cells=cells)

# The Chrome that Folio prints with, not one that Playwright would download.
launch = BrowserType.launch
BrowserType.launch = lambda self, **options: launch(self, executable_path=os.environ["BROWSER_PATH"], **options)


def timed(exporter):
    seconds, body = [], None
    for _ in range(given["repeats"]):
        started = time.perf_counter()
        body, _ = exporter.from_notebook_node(notebook)
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)[len(seconds) // 2], len(body)


html = timed(HTMLExporter())
pdf = timed(WebPDFExporter(disable_sandbox=True))
print(json.dumps({"html": html, "pdf": pdf, "versions": f"nbconvert {version('nbconvert')}, playwright {version('playwright')}"}))

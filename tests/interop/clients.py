"""Our kernel driven by Jupyter's own clients: jupyter_client 8, nbclient 0.11, papermill 2.7, nbformat 5.11."""
import os
import tempfile
import time
import unittest
from pathlib import Path
from queue import Empty

import nbformat
import papermill
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
ROUNDS = int(os.environ.get("FOLIO_INTERRUPT_ROUNDS", "3"))
BUSY = [
    "console.log('started'); while (true) {}",
    "await null; console.log('started'); while (true) {}",
    "setTimeout(() => { console.log('started'); while (true) {} }, 1); await new Promise(() => {})",
    "console.log('started'); await new Promise(() => {})",
]


class WithAClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager, cls.client = start_new_kernel(kernel_name="folio", startup_timeout=60)

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel(now=False)

    def run_cell(self, code, **options):
        """The reply and what was published for it."""
        published = []
        reply = self.client.execute_interactive(code, timeout=60, output_hook=published.append, **options)
        return reply["content"], published

    def text(self, published):
        return "".join(m["content"]["text"] for m in published if m["msg_type"] == "stream")

    def test_20000_lines(self):
        _, published = self.run_cell("for (let i = 0; i < 20000; i++) console.log(i)")
        self.assertEqual(self.text(published), "".join(f"{i}\n" for i in range(20000)))

    def test_10_megabytes(self):
        _, published = self.run_cell('import { display, html } from "folio/display"; void display(html("x".repeat(1e7)))')
        self.assertEqual([len(m["content"]["data"]["text/html"]) for m in published if m["msg_type"] == "display_data"], [10_000_000])

    def test_queued_cells_are_aborted(self):
        ids = [self.client.execute(code) for code in ("await new Promise((r) => setTimeout(r, 100)); throw 1", "1", "2")]
        status = {}
        while len(status) < 3:
            message = self.client.get_shell_msg(timeout=30)
            status[message["parent_header"]["msg_id"]] = message["content"]["status"]
        self.assertEqual([status[i] for i in ids], ["error", "aborted", "aborted"])

    def test_cursor_after_an_emoji(self):
        code = "const q = '😀'; Math.ab"
        reply = self.client.complete(code, len(code), reply=True, timeout=60)["content"]
        self.assertEqual((reply["matches"], reply["cursor_start"], reply["cursor_end"]), (["abs"], len(code) - 2, len(code)))

    def test_interrupts(self):
        for round in range(ROUNDS):
            for code in BUSY:
                with self.subTest(code=code, round=round):
                    running = self.client.execute(code)
                    while True:
                        message = self.client.get_iopub_msg(timeout=30)
                        if message["msg_type"] == "stream" and "started" in message["content"]["text"]:
                            break
                    self.manager.interrupt_kernel()
                    while True:
                        reply = self.client.get_shell_msg(timeout=30)
                        if reply["parent_header"]["msg_id"] == running:
                            break
                    self.assertEqual(reply["content"]["ename"], "Interrupted")
                    self.assertEqual(self.run_cell("await 41 + 1")[0]["status"], "ok")


class WithItsOwnKernel(unittest.TestCase):
    def test_restart_forgets_and_shutdown_leaves_no_process(self):
        manager, client = start_new_kernel(kernel_name="folio", startup_timeout=60)
        client.execute_interactive("const kept = 1", timeout=30)
        manager.restart_kernel()
        client.wait_for_ready(timeout=60)
        published = []
        client.execute_interactive("console.log(typeof kept, process.pid)", timeout=30, output_hook=published.append)
        kind, pid = next(m["content"]["text"] for m in published if m["msg_type"] == "stream").split()
        self.assertEqual(kind, "undefined")
        client.stop_channels()
        manager.shutdown_kernel(now=False)
        time.sleep(0.5)
        with self.assertRaises(ProcessLookupError):
            os.kill(int(pid), 0)

    def test_nbclient_runs_our_notebooks(self):
        notebook = nbformat.read(NOTEBOOKS / "every-kind-of-output.ipynb", as_version=4)
        NotebookClient(notebook, kernel_name="folio", timeout=60, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
        nbformat.validate(notebook)
        self.assertEqual(notebook.cells[0].outputs[0].text, "out\n")
        self.assertEqual(notebook.cells[1].outputs[0].data["text/markdown"], "**done**")
        self.assertEqual([cell.execution_count for cell in notebook.cells], [1, 2, 3, 4, None, 5, 6])

    def test_nbclient_reports_the_failing_cell(self):
        notebook = nbformat.read(NOTEBOOKS / "stops-at-the-failing-line.ipynb", as_version=4)
        with self.assertRaisesRegex(CellExecutionError, "divisor is 0"):
            NotebookClient(notebook, kernel_name="folio", timeout=60, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()


class WithPapermill(unittest.TestCase):
    """papermill knows no TypeScript and cannot be taught from outside; what it writes for C# is TypeScript too, for simple values."""

    def execute(self, name, **options):
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "written.ipynb"
            return papermill.execute_notebook(
                str(NOTEBOOKS / f"{name}.ipynb"), str(written), progress_bar=False, cwd=str(NOTEBOOKS), **options
            )

    def test_runs_a_notebook(self):
        notebook = self.execute("shares-and-redeclares-bindings")
        self.assertEqual(notebook.metadata.papermill.exception, None)

    def test_passes_parameters(self):
        notebook = self.execute("typed-parameters", language=".net-csharp", parameters={"seed": 2, "preset": "small", "verbose": True})
        self.assertEqual(notebook.cells[-1].outputs[0].data["text/plain"], "[ 'small', 2, [ 0.1, 0.2 ], true, null ]")

    def test_stops_at_the_failing_cell(self):
        with self.assertRaisesRegex(papermill.PapermillExecutionError, "divisor is 0"):
            self.execute("stops-at-the-failing-line")


class WhatFolioRunWrote(unittest.TestCase):
    def test_is_valid_for_nbformat(self):
        written = Path(os.environ["FOLIO_WRITTEN"])
        nbformat.validate(nbformat.read(written, as_version=4))


if __name__ == "__main__":
    unittest.main(verbosity=2)

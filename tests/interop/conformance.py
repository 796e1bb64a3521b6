"""The conformance suite of the Jupyter project (PyPI: jupyter_kernel_test 0.7, Debian: python3-jupyter-kernel-test), fully configured."""
import unittest

import jupyter_kernel_test as suite


class FolioConformance(suite.KernelTests):
    kernel_name = "folio"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('test')"
    completion_samples = [{"text": "conso", "matches": {"console"}}, {"text": "Math.ab", "matches": {"abs"}}]
    complete_code_samples = ["1", "console.log('a')", "function f() {\n  return 1;\n}", "const a = [1,\n2]", "`a\n${1}`"]
    incomplete_code_samples = ["console.log('a'", "function f() {", "const a = [", "`x", "if (1) {", "/* open"]
    invalid_code_samples = ["const = 1", "f())", "= 2", "'open"]
    code_generate_error = "throw new Error('boom')"
    code_execute_result = [{"code": "6*7", "result": "42"}, {"code": "'a' + 'b'", "result": "'ab'"}]
    code_display_data = [
        {"code": "import { display, html } from 'folio/display'; void display(html('<b>x</b>'))", "mime": "text/html"},
        {"code": "void display({ [Symbol.for('Jupyter.display')]: () => ({ 'image/svg+xml': '<svg/>' }) })", "mime": "image/svg+xml"},
    ]
    code_history_pattern = "6?7*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "console.log"
    code_clear_output = "import { clear } from 'folio/display'; clear()"


if __name__ == "__main__":
    unittest.main(verbosity=2)

#!/usr/bin/env python3
"""Runs the notebook from top to bottom on a run, and holds that it says something.

    check_notebook.py RUN [DSL.csv]

Fails where a cell raises, leaves a warning, or an expected output is missing.
Nothing is written beside the notebook.
"""
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main(argv):
    if len(argv) not in (2, 3):
        sys.exit("usage: check_notebook.py RUN [DSL.csv]")
    os.environ["STANDPOINT_RUN"] = str(Path(argv[1]).resolve())
    if len(argv) == 3:
        os.environ["STANDPOINT_DSL"] = str(Path(argv[2]).resolve())
    path = Path(__file__).with_name("standpoint.ipynb")
    notebook = nbformat.read(path, as_version=4)
    if any(c.get("outputs") for c in notebook.cells):
        sys.exit(f"{path}: holds outputs (clear them before you commit)")
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [o for c in notebook.cells for o in c.get("outputs", [])]
    for o in outputs:
        if o.output_type == "stream" and o.name == "stderr":
            sys.exit(f"{path}: a cell warns: {o.text}")
    text = "\n".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in outputs)
    wanted = ["share_abstained", "because of", "content "] + (["governments, difference", "are coded"] if len(argv) == 3 else [])
    for words in wanted:
        if words not in text:
            sys.exit(f"{path}: no output holds {words!r}")
    if not any("image/png" in o.get("data", {}) for o in outputs):
        sys.exit(f"{path}: draws nothing")
    print(f"{path.name}: {sum(c.cell_type == 'code' for c in notebook.cells)} cells ran")


if __name__ == "__main__":
    main(sys.argv)

"""Checks exported models: python check-export.py FOLDER, with NAME.onnx and NAME.json (images, logits) for each net."""

import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime

TOLERANCE = 1e-4
failed = False
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    domains = {entry.domain for entry in model.opset_import}
    expected = json.loads(path.with_suffix(".json").read_text())
    images = numpy.array(expected["images"], numpy.float32).reshape(-1, 28, 28, 1)
    logits = numpy.array(expected["logits"]).reshape(len(images), -1)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run(["logits"], {"images": images})
    difference = numpy.abs(found - logits).max() / numpy.abs(logits).max()
    good = domains == {""} and difference <= TOLERANCE
    failed = failed or not good
    print(f"{'ok  ' if good else 'FAIL'} {path.stem}: checker passed, domains {sorted(domains)}, relative difference {difference:.1e}")
sys.exit(failed)

"""The guards that `make mutants` takes out, one at a time: where each stands, and what notices."""

from typing import NamedTuple


class Guard(NamedTuple):
    """A guard, and the text that a file has with and without it."""

    name: str
    file: str
    held: str
    """Stands once in the file."""
    out: str
    tests: str
    """The test file that has to fail, below `tests/`."""


_ROWS = "datasets/layouts/test_fer2013.py"
_ZIPS = "datasets/sources/test_packings.py"
_VIEWS = "evaluation/test_predictions.py"
_EVALUATE = "stages/test_evaluate.py"

GUARDS = (
    Guard(
        "join by row",
        "expressions/datasets/layouts/fer2013.py",
        '"image_id": image_ids(dataset, len(votes)),',
        '"image_id": [f"{dataset}-{name}" for name in votes["Image name"]],',
        _ROWS,
    ),
    Guard(
        "votes and pictures proven to be the same rows",
        "expressions/datasets/layouts/fer2013.py",
        '    prove_same_rows(table, usage, codes, f"{votes.name} and {pictures.name}")\n',
        "",
        _ROWS,
    ),
    Guard(
        "twins",
        "expressions/pictures/twins.py",
        "return inside & np.array([digest in outside for digest in digests], dtype=np.bool_)",
        "return np.zeros(len(digests), dtype=np.bool_)",
        "pictures/test_twins.py",
    ),
    Guard(
        "twins leave training",
        "stages/arrays.py",
        "find_twins(digests, training) & section.drop_twins,",
        "find_twins(digests, training) & False,",
        "stages/test_arrays.py",
    ),
    Guard(
        "rejected counts",
        "expressions/labels/tables.py",
        "    if count != len(ids):\n",
        "    if False:\n",
        "labels/test_tables.py",
    ),
    Guard(
        "rejected counts, ids that stand twice",
        "expressions/labels/tables.py",
        "    for image_id in ids[ids.duplicated()]:\n",
        "    for image_id in ():\n",
        "labels/test_tables.py",
    ),
    Guard(
        "rejected counts of FER-2013",
        "expressions/datasets/layouts/fer2013.py",
        "    return divide_rows(table, dataset)\n",
        '    return divide_rows(table[table["reason"] != "no_votes"], dataset)\n',
        _ROWS,
    ),
    Guard(
        "rejected counts of the arrays",
        "stages/arrays.py",
        'rows = divide_rows(samples.assign(reason=reasons), "arrays")',
        "from expressions.labels.tables import REJECTED_COLUMNS, Rows\n"
        "    rejected = samples.assign(reason=reasons)[reasons != ''][REJECTED_COLUMNS]\n"
        "    rows = Rows(samples[reasons == ''], rejected)",
        "stages/test_arrays.py",
    ),
    Guard(
        "unknown label",
        "expressions/labels/emotions.py",
        "SPELLINGS.get(str(spelling).strip().lower())",
        'SPELLINGS.get(str(spelling).strip().lower(), "neutral")',
        "labels/test_emotions.py",
    ),
    Guard(
        "hash of inputs",
        "expressions/pipeline/stage.py",
        "        _refuse_damaged_inputs(root, stage, declared)\n",
        "",
        "pipeline/test_stage.py",
    ),
    Guard(
        "hash of inputs, whole files",
        "expressions/pipeline/integrity.py",
        "        return [] if found == expected else [Damage(path, expected, found)]\n",
        "        return []\n",
        "pipeline/test_stage.py",
    ),
    Guard(
        "hash of inputs, folders",
        "expressions/pipeline/integrity.py",
        "    if found == expected:\n        return []\n",
        "    return []\n",
        "pipeline/test_integrity.py",
    ),
    Guard(
        "`verify` removes damage",
        "expressions/pipeline/integrity.py",
        "            path.unlink()\n",
        "",
        "pipeline/test_integrity.py",
    ),
    Guard(
        "whole file",
        "expressions/pipeline/outputs.py",
        "@contextmanager\ndef whole_file(",
        "@contextmanager\ndef whole_file(path):\n"
        "    path.parent.mkdir(parents=True, exist_ok=True)\n"
        "    yield path\n\n\n"
        "@contextmanager\ndef guarded_file(",
        "pipeline/test_outputs.py",
    ),
    Guard(
        "zip names lose their folders",
        "expressions/datasets/sources/packings.py",
        "            target = folder / _base(member.filename)\n",
        "            target = folder / member.filename\n"
        "            target.parent.mkdir(parents=True, exist_ok=True)\n",
        _ZIPS,
    ),
    Guard(
        "two pictures of one name in a zip",
        "expressions/datasets/sources/packings.py",
        "            if target.exists():\n",
        "            if False:\n",
        _ZIPS,
    ),
    Guard(
        "twins that Macs add to a zip",
        "expressions/datasets/sources/packings.py",
        "        not hidden and not member.endswith",
        "        not member.endswith",
        _ZIPS,
    ),
    Guard(
        "pixel range",
        "expressions/datasets/layouts/fer2013_tables.py",
        "values.min() < 0 or values.max() > 255",
        "values.min() < 0",
        "datasets/layouts/test_fer2013_tables.py",
    ),
    Guard(
        "majority rule",
        "expressions/labels/ferplus.py",
        "    clear = left.max(axis=1) > 0.5 * left.sum(axis=1)\n    return clear &",
        "    clear = left.max(axis=1) > 0\n    return clear &",
        "labels/test_ferplus.py",
    ),
    Guard(
        "flip",
        "expressions/evaluation/predictions.py",
        "[faces, faces[:, :, ::-1]] if flip else [faces]",
        "[faces]",
        _VIEWS,
    ),
    Guard(
        "flip to the side, not upside down",
        "expressions/evaluation/predictions.py",
        "[faces, faces[:, :, ::-1]] if flip else [faces]",
        "[faces, faces[:, ::-1]] if flip else [faces]",
        _VIEWS,
    ),
    Guard(
        "flip averaged, not the maximum of both",
        "expressions/evaluation/predictions.py",
        "predict_views(model, faces, flip).mean(axis=0)",
        "predict_views(model, faces, flip).max(axis=0)",
        _VIEWS,
    ),
    Guard(
        "flip, as `evaluate` asks for it",
        "stages/evaluate.py",
        "predictions = predict_splits(model, arrays, names, section.flip)",
        "predictions = predict_splits(model, arrays, names, False)",
        _EVALUATE,
    ),
    Guard(
        "flip, in an exported model",
        "expressions/prediction/exported_model.py",
        "        if not self.card.flip:\n",
        "        if True:\n",
        "prediction/test_exported_model.py",
    ),
    Guard(
        "margin",
        "expressions/faces/alignment.py",
        "* (1 + 2 * margin)",
        "",
        "faces/test_cropping.py",
    ),
    Guard(
        "temperature",
        "stages/evaluate.py",
        "    calibrate(model, temperature)\n",
        "",
        _EVALUATE,
    ),
    Guard(
        "temperature, fitted where there is a majority",
        "expressions/evaluation/predictions.py",
        'np.flatnonzero(arrays.table["majority"])',
        "np.arange(len(arrays.table))",
        _VIEWS,
    ),
    Guard(
        "training is not measured",
        "expressions/evaluation/arrays.py",
        " if split != splits.TRAINING}",
        "}",
        _VIEWS,
    ),
    Guard(
        "names of data sets, where they are read",
        "expressions/datasets/names.py",
        "        check_dataset_name(name)\n",
        "",
        "datasets/test_layout.py",
    ),
    Guard(
        "names of data sets, before anything is written",
        "stages/ingest.py",
        "    check_dataset_name(dataset)\n",
        "",
        "stages/test_bad_sources.py",
    ),
    Guard(
        "pixels of a picture on the page",
        "expressions/prediction/page/elements.py",
        "decode_first(content, LARGEST_PICTURE)",
        "decode_first(content)",
        "prediction/page/test_answers.py",
    ),
    Guard(
        "small faces where not all is looked at",
        "expressions/faces/detection/proposals.py",
        " and place % 2 == 0",
        "",
        "faces/detection/test_proposals.py",
    ),
    Guard(
        "faces of little contrast in int8, ONNX",
        "expressions/network/exports/int8_onnx.py",
        "nodes[: first + 1]",
        "nodes[:0]",
        "network/exports/test_int8_onnx.py",
    ),
    Guard(
        "faces of little contrast in int8, TFLite",
        "expressions/network/exports/int8.py",
        "denylisted_nodes=_first_layers(model)",
        "denylisted_nodes=set()",
        "network/exports/test_int8.py",
    ),
)

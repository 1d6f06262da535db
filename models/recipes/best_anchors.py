"""Decode the best anchors of an exported detector instead of all: a tenth of its time for nothing lost.

A frame has some 5,000 anchors and a handful of plates. As exported, the graph works every anchor's box out (a softmax
over 64 numbers each) before anyone asks for its score. Here the scores come first, and only the best anchors go on.
The output keeps its form, N x 5 x anchors, with fewer anchors; the product's threshold would have dropped the others.
"""

from typing import Any

KEPT = 300  # anchors: twenty plates, each found by fifteen


def decode_best(model: Any, kept: int = KEPT) -> None:
    """Change the graph of `model` (ONNX, YOLO11 of one class as ultralytics exports it, run on one image) in place.

    Raises:
        ValueError: the graph has not the form that is known here.
    """
    from onnx import helper, numpy_helper

    graph = model.graph
    scores, boxes, anchors, strides = _ends_of_the_head(graph)
    names = {"scores": scores, "boxes": boxes, "anchors": anchors, "strides": strides}
    for node in graph.node:  # before the new ones are added, which read the old names
        for place, name in enumerate(node.input):
            for part, old in names.items():
                if name == old:
                    node.input[place] = f"best/{part}"
    import numpy as np

    constants = {"best/kept": np.array([kept], np.int64), "best/flat": np.array([-1], np.int64)}
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    added = [
        helper.make_node("Reshape", [scores, "best/flat"], ["best/all"], name="best/Reshape"),
        helper.make_node("Size", ["best/all"], ["best/count"], name="best/Size"),
        helper.make_node("Min", ["best/count", "best/kept"], ["best/number"], name="best/Min"),
        helper.make_node("TopK", ["best/all", "best/number"], ["best/top", "best/places"], name="best/TopK", axis=0),
    ]
    added += [
        helper.make_node("Gather", [old, "best/places"], [f"best/{part}"], name=f"best/{part}", axis=-1)
        for part, old in names.items()
    ]
    nodes = _sorted([*graph.node, *added], {one.name for one in (*graph.input, *graph.initializer)})
    del graph.node[:]
    graph.node.extend(nodes)


def _ends_of_the_head(graph: Any) -> tuple[str, str, str, str]:
    """Return the tensors of all anchors: scores 1 x 1 x A, boxes as distributions 1 x 64 x A, points 2 x A, strides."""
    maker = {output: node for node in graph.node for output in node.output}
    try:
        scaled, squashed = (maker[name] for name in maker[graph.output[0].name].input)
        corners, strides = scaled.input
        softmax = next(node for node in graph.node if node.op_type == "Softmax" and "/dfl/" in node.name)
        unfolded = maker[maker[softmax.input[0]].input[0]]  # softmax <- transpose <- reshape
        taken = [node for node in _before(maker[corners], maker, 5) if node.op_type == "Unsqueeze"]
        anchors = next(node.input[0] for node in taken if maker[node.input[0]].op_type == "Transpose")
    except (KeyError, ValueError, StopIteration, IndexError) as error:
        raise ValueError("The graph is not a YOLO11 as ultralytics exports it: its head has another form.") from error
    if squashed.op_type != "Sigmoid" or unfolded.op_type != "Reshape":
        raise ValueError("The graph is not a YOLO11 as ultralytics exports it: its head has another form.")
    return squashed.input[0], unfolded.input[0], anchors, strides


def _before(node: Any, maker: dict[str, Any], depth: int) -> list[Any]:
    if not depth:
        return [node]
    return [node, *(found for name in node.input if name in maker for found in _before(maker[name], maker, depth - 1))]


def _sorted(nodes: list[Any], known: set[str]) -> list[Any]:
    """Return the nodes so that each comes after those it reads from, as ONNX demands."""
    waiting, ordered = list(nodes), []
    while waiting:
        ready = [node for node in waiting if all(not name or name in known for name in node.input)]
        if not ready:
            raise ValueError("The graph has a node whose input nothing makes.")
        for node in ready:
            known.update(node.output)
        ordered += ready
        waiting = [node for node in waiting if node not in ready]
    return ordered

#!/usr/bin/env python3
"""Makes the small models in data/models: python3 tools/make-models.py

Four int8 networks with seeded weights, whole and cut into segments as the Edge TPU compiler cuts (tensors keep their
names), and next to each segment a stand-in for its compiled form: one operation "edgetpu-custom-op" with the segment's
inputs and outputs, which only a delegate can run. TensorFlow is installed into build/venv-models when it is not there.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / 'data' / 'models'
VENV = ROOT / 'build' / 'venv-models'
TENSORFLOW = 'tensorflow-cpu==2.21.0'

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
try:
    import numpy as np
    import tensorflow as tf
    from tensorflow.lite.python import schema_py_generated as schema
    import flatbuffers
except ImportError:
    python = VENV / 'bin' / 'python'
    if Path(sys.executable) == python:
        raise
    subprocess.run([sys.executable, '-m', 'venv', VENV], check=True)
    subprocess.run([python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', TENSORFLOW], check=True)
    os.execv(python, [str(python), *sys.argv])

SEED = 20260101
SIDE = 16


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, (network, cuts) in NETWORKS.items():
        tf.keras.backend.clear_session()
        tf.keras.utils.set_random_seed(SEED)
        whole = quantise(network())
        segments = [extract(whole, ops) for ops in cuts(whole)]
        write(name, whole)
        for i, segment in enumerate(segments):
            stem = f'{name}_segment_{i}_of_{len(segments)}'
            write(stem, segment)
            write(f'{stem}_edgetpu', stand_in(segment))


def conv_network():
    """A chain: the plain case."""
    x = image = tf.keras.Input((SIDE, SIDE, 3), batch_size=1, name='image')
    x = conv(x, 8, 2)
    x = conv(x, 16, 2)
    x = tf.keras.layers.GlobalAveragePooling2D()(x)
    return tf.keras.Model(image, tf.keras.layers.Dense(10, activation='softmax', name='classes')(x))


def skip_network():
    """What the first convolution gives is added far behind: it skips a segment."""
    image = tf.keras.Input((SIDE, SIDE, 3), batch_size=1, name='image')
    early = conv(image, 8, 2)
    late = conv(conv(early, 8, 1), 8, 1)
    x = tf.keras.layers.Add()([early, late])
    x = tf.keras.layers.GlobalAveragePooling2D()(conv(x, 16, 2))
    return tf.keras.Model(image, tf.keras.layers.Dense(10, name='classes')(x))


def heads_network():
    """Two outputs, of which the first is ready before the last segment; two tensors cross the cut."""
    image = tf.keras.Input((SIDE, SIDE, 3), batch_size=1, name='image')
    coarse = conv(image, 8, 2)
    fine = conv(coarse, 8, 2)
    boxes = tf.keras.layers.Conv2D(4, 1, name='boxes')(coarse)
    x = tf.keras.layers.Concatenate()([tf.keras.layers.GlobalAveragePooling2D()(t) for t in (coarse, fine)])
    return tf.keras.Model(image, [boxes, tf.keras.layers.Dense(5, name='classes')(x)])


def conv(x, filters, stride):
    return tf.keras.layers.Conv2D(filters, 3, strides=stride, padding='same', activation='relu')(x)


def wide_network():
    """Some milliseconds of work with few weights: long enough to be metered."""
    image = tf.keras.Input((128, 128, 3), batch_size=1, name='image')
    x = conv(conv(conv(image, 32, 2), 32, 1), 32, 1)
    x = tf.keras.layers.GlobalAveragePooling2D()(x)
    return tf.keras.Model(image, tf.keras.layers.Dense(10, name='classes')(x))


def cut_after(*counts):
    """Segments that end after so many operations."""

    def cuts(whole):
        ends = [*counts, len(whole.subgraphs[0].operators)]
        return [range(begin, end) for begin, end in zip([0, *ends], ends)]

    return cuts


NETWORKS = {
    'conv': (conv_network, cut_after(1)),
    'skip': (skip_network, cut_after(1, 3)),
    'heads': (heads_network, cut_after(3)),
    'wide': (wide_network, cut_after(2)),
}


def quantise(network):
    random = np.random.default_rng(SEED)
    samples = random.uniform(0, 1, (32, *network.inputs[0].shape)).astype(np.float32)
    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    model = schema.ModelT.InitFromPackedBuf(converter.convert(), 0)
    # nothing of the machine or the tools' version
    model.metadata, model.signatureDefs, model.description = [], [], 'joulespan test model'
    return model


def extract(whole, operators):
    """The operators of one segment, with the tensors that cross its edges as inputs and outputs."""
    graph = whole.subgraphs[0]
    chosen = [graph.operators[i] for i in operators]
    made = {t for op in chosen for t in op.outputs}
    read = [t for op in chosen for t in op.inputs if t >= 0]
    read_later = {t for op in graph.operators[operators.stop :] for t in op.inputs} | set(graph.outputs)
    inputs = ordered(t for t in read if t not in made and not is_constant(whole, graph.tensors[t]))
    outputs = ordered(t for op in chosen for t in op.outputs if t in read_later)
    return rebuild(whole, chosen, inputs, outputs)


def stand_in(segment):
    """The segment as one operation for the delegate."""
    graph = segment.subgraphs[0]
    op = schema.OperatorT()
    op.opcodeIndex, op.inputs, op.outputs = 0, list(graph.inputs), list(graph.outputs)
    custom = schema.OperatorCodeT()
    custom.deprecatedBuiltinCode = custom.builtinCode = schema.BuiltinOperator.CUSTOM
    custom.customCode, custom.version = 'edgetpu-custom-op', 1
    model = rebuild(segment, [op], list(graph.inputs), list(graph.outputs), [custom])
    return model


def rebuild(source, operators, inputs, outputs, operator_codes=None):
    graph = source.subgraphs[0]
    kept = ordered([*inputs, *(t for op in operators for t in [*op.inputs, *op.outputs] if t >= 0)])
    number = {old: new for new, old in enumerate(kept)}
    model, sub = schema.ModelT(), schema.SubGraphT()
    model.version, model.description = source.version, source.description
    model.operatorCodes = operator_codes or source.operatorCodes
    model.buffers = [schema.BufferT()]
    sub.name, sub.tensors, sub.operators = 'main', [], []
    for old in kept:
        tensor = copy(graph.tensors[old])
        if is_constant(source, tensor):
            model.buffers.append(source.buffers[tensor.buffer])
            tensor.buffer = len(model.buffers) - 1
        else:
            tensor.buffer = 0
        sub.tensors.append(tensor)
    for op in operators:
        op = copy(op)
        op.inputs = [number.get(t, -1) for t in op.inputs]
        op.outputs = [number[t] for t in op.outputs]
        sub.operators.append(op)
    sub.inputs, sub.outputs = [number[t] for t in inputs], [number[t] for t in outputs]
    model.subgraphs = [sub]
    return model


def is_constant(model, tensor):
    data = model.buffers[tensor.buffer].data
    return data is not None and len(data) > 0


def copy(table):
    twin = type(table)()
    twin.__dict__.update(table.__dict__)
    return twin


def ordered(items):
    return list(dict.fromkeys(items))


def write(stem, model):
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b'TFL3')
    path = OUT / f'{stem}.tflite'
    path.write_bytes(builder.Output())
    print(f'{path.relative_to(ROOT)}: {path.stat().st_size} bytes')


main()

"""Mistakes in `model`, its layers and its architecture's file."""

from __future__ import annotations

from tests.config.malformed.case import FILE, layers, model
from tests.wrong import Wrong

_NET = "layers: [Flatten, classifier]\n"

MODEL = [
    model(
        "name: x",
        "4: model: expected architecture (a shipped name or a file), layers, application or estimator, found none",
    ),
    model("architecture: lenet5\nlayers: [classifier]", "5: model.architecture: cannot be given together with layers"),
    model("architecture: lenet", '5: model.architecture: "lenet" is neither a shipped architecture nor the path'),
    model("architecture: 5", "5: model.architecture: expected text or null, found 5"),
    model("architecture: nowhere.yaml", "5: model.architecture: ... nowhere.yaml: no such file"),
    model("architecture: lenet5\nname: mine", "6: model.name: has no effect with architecture"),
    model("architecture: lenet5\nblocks: {}", "6: model.blocks: has no effect with architecture"),
    model("architecure: lenet5", "5: model.architecure: unknown key; did you mean architecture?"),
    model("layers: Flatten", '5: model.layers: expected a list or null, found "Flatten"'),
    model("layers: []", "5: model.layers: expected a list of layers, found nothing"),
    layers("- Flatten", "6: model.layers[0].Flatten: the last layer must be classifier"),
    layers("- classifier\n- Flatten", "6: model.layers[0].classifier: classifier must be the last layer"),
    layers("- Conv2D: {filters: 4, kernel_size: 3}\n- classifier", "7: model.layers[1].classifier: needs a vector"),
    layers(
        "- Flaten\n- classifier",
        "6: model.layers[0].Flaten: no layer and no block has this name; did you mean Flatten?",
    ),
    layers("- conv2d: {filters: 3}\n- classifier", "6: model.layers[0].conv2d: no layer and no block has this name"),
    layers("- Lambda: {function: f}\n- Flatten\n- classifier", "6: model.layers[0].Lambda: no layer and no block"),
    layers(
        "- Conv2D: {filters: 0, kernel_size: 3}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D.filters: expected an integer >= 1, found 0",
    ),
    layers(
        "- Conv2D: {filters: 4}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D.kernel_size: missing; expected an integer >= 1 or a list of two",
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: [3]}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D.kernel_size: expected an integer >= 1 or a list of two, found [3]",
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 3, pading: same}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D.pading: unknown key; did you mean padding?",
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 3, padding: full}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D.padding: expected one of valid, same",
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 3, activation: rleu}\n- Flatten\n- classifier",
        '6: model.layers[0].Conv2D.activation: expected the name of a Keras activation or null, found "rleu";',
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 3, data_format: channels_first}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D.data_format: cannot be set: channels are last everywhere",
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 3, use_bias: false, bias_initializer: ones}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D.bias_initializer: has no effect unless use_bias is true",
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 3, kernel_initializer: he}\n- Flatten\n- classifier",
        '6: model.layers[0].Conv2D.kernel_initializer: unknown initializer "he"',
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 3, kernel_regularizer: {L2: {l1: 0.1}}}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D.kernel_regularizer.L2.l1: unknown key; allowed: l2",
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 3, bias_regularizer: {class_name: L2, config: x}}\n- Flatten",
        "6: model.layers[0].Conv2D.bias_regularizer: expected the name of a Keras regularizer",
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 3, kernel_constraint: {MaxNorm: {max_value: 0}}}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D.kernel_constraint.MaxNorm.max_value: expected a number > 0, found 0",
    ),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 9}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D: kernel 9x9 is larger than its map 8x8",
    ),
    layers(
        "- Conv2D: {filters: 5, kernel_size: 3, groups: 2}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2D: groups: 2 must divide",
    ),
    layers("- Flatten: 3\n- classifier", "6: model.layers[0].Flatten: expected arguments, as {name: value}, found 3"),
    layers("- Flatten: {axis: 1}\n- classifier", "6: model.layers[0].Flatten.axis: unknown key; allowed: name"),
    layers("- {Flatten: {}, Dense: {units: 3}}\n- classifier", "6: model.layers[0]: expected one layer"),
    layers("- Flatten\n- Dense\n- classifier", "7: model.layers[1].Dense.units: missing; expected an integer >= 1"),
    layers(
        "- Flatten\n- Dense: {units: '64'}\n- classifier", "7: model.layers[1].Dense.units: expected an integer >= 1"
    ),
    layers(
        "- Flatten\n- Dropout: {rate: 1}\n- classifier",
        "7: model.layers[1].Dropout.rate: expected a number >= 0 and < 1",
    ),
    layers("- Flatten\n- Dropout: {rate: 50%}\n- classifier", "7: model.layers[1].Dropout.rate: expected a number"),
    layers(
        "- Flatten\n- Dropout: {rate: 0.5, seed: 1}\n- classifier", "7: model.layers[1].Dropout.seed: cannot be set"
    ),
    layers("- Flatten\n- Activation\n- classifier", "7: model.layers[1].Activation.activation: missing"),
    layers(
        "- Flatten\n- BatchNormalization: {synchronized: true}\n- classifier",
        "7: model.layers[1].BatchNormalization.synchronized: has no effect without train.distribute",
    ),
    layers(
        "- Flatten\n- BatchNormalization: {axis: 1}\n- classifier",
        "7: model.layers[1].BatchNormalization.axis: expected",
    ),
    layers(
        "- Flatten\n- BatchNormalization: {scale: false, gamma_initializer: ones}\n- classifier",
        "7: model.layers[1].BatchNormalization.gamma_initializer: has no effect unless scale is true",
    ),
    layers(
        "- Flatten\n- Dense: {units: 3, name: logits}\n- classifier",
        "7: model.layers[1].Dense.name: logits is the name",
    ),
    layers("- Flatten\n- classifier: {units: 3}", "7: model.layers[1].classifier.units: unknown key"),
    layers(
        "- MaxPooling2D: {pool_size: 0}\n- Flatten\n- classifier", "6: model.layers[0].MaxPooling2D.pool_size: expected"
    ),
    layers("- AveragePooling2D\n- Flatten\n- classifier", "6: model.layers[0].AveragePooling2D.pool_size: missing"),
    layers("- Flatten\n- MaxPooling2D\n- classifier", "7: model.layers[1].MaxPooling2D: needs a map"),
    layers("- Reshape: {target_shape: [3, 3]}\n- Flatten\n- classifier", "6: model.layers[0].Reshape: target_shape"),
    layers(
        "- Conv2DTranspose: {filters: 2, kernel_size: 2, strides: 2, output_padding: 2}\n- Flatten\n- classifier",
        "6: model.layers[0].Conv2DTranspose.output_padding: expected less than strides (2), found 2",
    ),
    layers(
        "- LayerNormalization: {axis: [-1, 3]}\n- Flatten\n- classifier",
        "6: model.layers[0].LayerNormalization.axis: expected different axes, found [-1, 3]",
    ),
    *(
        layers(f"- {layer}\n- Flatten\n- classifier", f"6: model.layers[0].{told}")
        for layer, told in {
            "Conv2D: {filters: 2, kernel_size: 3, kernel_regularizer: orthogonal_regularizer}": (
                "Conv2D.kernel_regularizer: OrthogonalRegularizer needs a matrix, as the kernel of Dense; this weight"
            ),
            "Dense: {units: 2, bias_initializer: {Orthogonal: {gain: 1}}}": (
                "Dense.bias_initializer: Orthogonal needs a weight of two axes at least; this one has 1"
            ),
            "Dense: {units: 2, kernel_constraint: {MaxNorm: {axis: 2}}}": (
                "Dense.kernel_constraint: MaxNorm: this weight has the axes 0 to 1, found 2"
            ),
            "DepthwiseConv2D: {kernel_size: 1, depthwise_constraint: {UnitNorm: {axis: [1, 1]}}}": (
                "DepthwiseConv2D.depthwise_constraint: UnitNorm: expected different axes, found [1, 1]"
            ),
            "AdaptiveAveragePooling2D: {output_size: [1, 4]}": (
                "AdaptiveAveragePooling2D.output_size: a side of 1 is not supported; GlobalAveragePooling2D"
            ),
        }.items()
    ),
    layers(
        "- AdaptiveMaxPooling2D: {output_size: [2, 1]}\n- Flatten\n- classifier",
        "6: model.layers[0].AdaptiveMaxPooling2D.output_size: a side of 1 is not supported",
    ),
    layers("- repeat: {times: 0, layers: [Flatten]}\n- classifier", "6: model.layers[0].repeat.times: expected"),
    layers("- repeat: {layers: [Flatten]}\n- classifier", "6: model.layers[0].repeat: times is missing"),
    layers(
        "- repeat: {times: 3, layers: [{ReLU: {slope: 1}}]}\n- Flatten\n- classifier",
        "6: model.layers[0].repeat.layers[0].ReLU.slope: unknown key",
    ),
    layers(
        "- residual: {layers: [{Conv2D: {filters: 4, kernel_size: 3}}]}\n- Flatten\n- classifier",
        "6: model.layers[0].residual: its layers give 6x6x4, its shortcut 8x8x1",
    ),
    layers(
        "- residual: {layers: [ReLU], activation: rleu}\n- Flatten\n- classifier",
        "6: model.layers[0].residual.activation: expected the name of a Keras activation",
    ),
    layers(
        "- branches: {merge: Join, paths: [[ReLU], []]}\n- Flatten\n- classifier",
        "6: model.layers[0].branches.merge: expected one of Concatenate",
    ),
    layers(
        "- branches: {merge: Add, paths: [[MaxPooling2D], []]}\n- Flatten\n- classifier",
        "6: model.layers[0].branches: Add needs paths of the same shape",
    ),
    layers("- Dense: {units: $n}\n- classifier", "6: model.layers[0].Dense.units: $n is not a parameter here"),
    layers(
        "- Conv2D: {filters: 4, kernel_size: 3, padding: all, stride: 2}\n- Flatten\n- Dense: {units: 0}\n- classifier",
        "6: model.layers[0].Conv2D.padding: expected one of valid, same",
        "6: model.layers[0].Conv2D.stride: unknown key; did you mean strides?",
        "8: model.layers[2].Dense.units: expected an integer >= 1, found 0",
    ),
    layers(
        "- Conv2D:\n    filters: 4\n    kernel_size: 3\n    bias_regularizer:\n      L2:\n        l2: -1\n- Flatten",
        "11: model.layers[0].Conv2D.bias_regularizer.L2.l2: expected a number >= 0, found -1",
    ),
    layers(
        "- Flatten\n- ActivityRegularization\n- classifier",
        "7: model.layers[1].ActivityRegularization: has no effect without one of l1, l2",
    ),
    model(
        "blocks:\n  tail:\n    layers: [Flatten, {Dropout: {rate: 2}}]\nlayers:\n- tail\n- classifier",
        "7: model.layers[0].tail.layers[1].Dropout.rate: expected a number >= 0 and < 1, found 2",
    ),
    model(
        "blocks: {unused: {layers: [Flatten]}}\nlayers: [Flatten, classifier]",
        "5: model.blocks.unused: the block is never used",
    ),
    model(
        "blocks: {a: {parameters: [n], layers: [{Dense: {units: $n}}]}}\nlayers: [Flatten, {a: {n: many}}, classifier]",
        '5: model.layers[1].a.layers[0].Dense.units: expected an integer >= 1, found "many"',
    ),
    model(
        "blocks: {a: {parameters: [n], layers: [{Dense: {units: $n}}]}}\nlayers: [Flatten, a, classifier]",
        "6: model.layers[1].a: n is missing",
    ),
    model(
        "blocks: {a: {layers: [a]}}\nlayers: [a, classifier]",
        "5: model.layers[0].a.layers[0].a: a block cannot contain",
    ),
    Wrong(
        ("net.yaml:2: model.layers[0].Conv2D.kernel_size: missing",),
        {
            FILE: "name: demo\nmodel: {architecture: net.yaml}\n",
            "net.yaml": "layers:\n- Conv2D: {filters: 3}\n- classifier\n",
        },
    ),
    Wrong(
        ("net.yaml:1: layer: unknown key; did you mean layers?",),
        {FILE: "name: demo\nmodel: {architecture: net.yaml}\n", "net.yaml": "layer: [Flatten, classifier]\n"},
    ),
    Wrong(
        ("net.yaml:2: layers: given twice",),
        {
            FILE: "name: demo\nmodel: {architecture: net.yaml}\n",
            "net.yaml": "layers: [Flatten, classifier]\nlayers: [classifier]\n",
        },
    ),
    Wrong(
        ("2: model.architecture: ... nets.yaml: no such file; did you mean net.yaml?",),
        {FILE: "name: demo\nmodel: {architecture: nets.yaml}\n", "net.yaml": "layers: [Flatten, classifier]\n"},
    ),
    *(
        Wrong(
            (f"net.yaml:1: {told}",),
            {FILE: "name: demo\nmodel: {architecture: net.yaml}\n", "net.yaml": f"{line}\n{_NET}"},
        )
        for line, told in {
            "input: [32, 32]": "input: expected a list of 3 (an integer >= 1, one of 1, 3) or null, found [32, 32]",
            "input: 32x32x3": "input: expected a list of 3",
            "input: [32, 32, 4]": "input[2]: expected one of 1, 3, found 4",
            "classes: 1": "classes: expected an integer >= 2 or null, found 1",
            "sources: a paper": "sources: unknown key; did you mean source?",
            "blocks: [a]": 'blocks: expected a mapping or null, found ["a"]',
        }.items()
    ),
]

from cnnbench.config.architecture import load_architecture
from cnnbench.config.network.head import head_of
from cnnbench.config.network.spec import expand


def test_the_head_of_a_published_network_is_its_last_dense_layer():
    found = load_architecture("vgg16")
    assert head_of(expand(found.layers, found.blocks)) == ["logits", "probabilities"]


def test_a_head_without_a_dense_layer_begins_at_the_last_convolution():
    layers = [
        {"Conv2D": {"filters": 4, "kernel_size": 3}},
        {"Dropout": {"rate": 0.5}},
        {"Conv2D": {"filters": "$classes", "kernel_size": 1, "name": "scores"}},
        "GlobalAveragePooling2D",
        "Softmax",
    ]
    assert head_of(expand(layers)) == ["scores", "global_average_pooling2d_1", "softmax_1"]

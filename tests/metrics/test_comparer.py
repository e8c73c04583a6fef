"""The network that tells whether characters are intact is the same in the form in which it is used."""

import importlib.util
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "comparer.py"


@pytest.fixture(scope="module")
def comparer():
    spec = importlib.util.spec_from_file_location("comparer", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_exported_equals_what_was_trained(comparer):
    torch.manual_seed(0)
    model = comparer.Comparer()
    window = torch.rand(8, 1, 64, 64) * torch.arange(1, 9)[:, None, None, None] / 8
    references = torch.randint(0, 256, (8, 2, 48, 48)).float()
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            for tensor in (layer.weight, layer.bias):
                torch.nn.init.uniform_(tensor, 0.2, 1.0)
    model(window, references / 255)  # Sets the running means and variances.
    model.eval()
    exported = comparer.Exported(model)
    with torch.no_grad():
        trained, used = model(window, references / 255), exported.model(window, references / 255)
        for name, one, other in zip(("logits", "faults", "maps"), trained, used, strict=True):
            assert (one - other).abs().max() < 1e-3 * one.std(), name
            assert one.std() > 1e-5, name
        assert torch.equal(exported(window, references), used[0])

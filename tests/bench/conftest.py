"""A CogView4 checkpoint small enough for every test, and a server that answers as a test says."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Loopback:
    """A server in this process. `answer(request)` returns status, body (bytes, or JSON data) and perhaps headers.

    A request is a dict: method, path, headers (lower case), json (None where there is none).
    """

    def __init__(self):
        self.requests = []
        self.answer = lambda request: (404, {})
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = {
                    "method": self.command,
                    "path": self.path,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "json": json.loads(content) if content else None,
                }
                loopback.requests.append(request)
                status, body, *headers = loopback.answer(request)
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                headers = {"Content-Length": str(len(content))} | (headers[0] if headers else {})
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                if int(headers["Content-Length"]) != len(content):
                    self.close_connection = True

            do_GET = do_POST = respond

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def loopback(monkeypatch):
    """A `Loopback` for one test."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = Loopback()
    yield server
    server.close()


@pytest.fixture(scope="session")
def tiny_cogview4(tmp_path_factory):
    """The folder of a `CogView4Pipeline` that draws 64x64 in a few hundredths of a second. Not to be changed."""
    pytest.importorskip("diffusers", reason='the extra "cogview" is not installed')
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny-cogview4"
    _pipeline().save_pretrained(folder)
    return folder


def _pipeline():
    import torch
    from diffusers import AutoencoderKL, CogView4Pipeline, CogView4Transformer2DModel, FlowMatchEulerDiscreteScheduler
    from transformers import GlmConfig, GlmModel

    torch.manual_seed(20260101)
    tokenizer = _tokenizer()
    width, channels = 32, 4
    text_encoder = GlmModel(
        GlmConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=width // 2,
            max_position_embeddings=2048,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    transformer = CogView4Transformer2DModel(
        in_channels=channels,
        out_channels=channels,
        num_layers=2,
        num_attention_heads=2,
        attention_head_dim=width // 2,
        text_embed_dim=width,
        time_embed_dim=16,
        condition_dim=8,
        pos_embed_max_size=64,
        sample_size=8,
    )
    vae = AutoencoderKL(
        latent_channels=channels,
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        use_quant_conv=False,
        use_post_quant_conv=False,
        mid_block_add_attention=False,
    )
    # As in the configuration of THUDM/CogView4-6B.
    scheduler = FlowMatchEulerDiscreteScheduler(
        base_shift=0.25,
        max_shift=0.75,
        base_image_seq_len=256,
        use_dynamic_shifting=True,
        time_shift_type="linear",
    )
    return CogView4Pipeline(
        tokenizer=tokenizer,
        text_encoder=text_encoder.eval(),
        transformer=transformer.eval(),
        vae=vae.eval(),
        scheduler=scheduler,
    )


def _tokenizer():
    """Bytes as tokens, which writes any language; [gMASK]<sop> in front and padding on the left, as GLM-4 has it."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.add_special_tokens(["<|endoftext|>", "[gMASK]", "<sop>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[gMASK] <sop> $A",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[gMASK]", "<sop>")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<|endoftext|>", eos_token="<|endoftext|>", padding_side="left"
    )

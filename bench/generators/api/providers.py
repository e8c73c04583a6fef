"""The providers of image APIs, as data: where they are, what they can do, what their errors mean.

Sources, read in 2026: docs.bigmodel.cn (图像生成, 错误码), platform.openai.com (images, error codes), volcengine.com
(docs/82379/1541523 and 1299023), help.aliyun.com (Model Studio: Qwen-Image, Wan, error codes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bench.generators.api.dialects import DashScopeDialect, Dialect, OpenAIDialect
from bench.generators.api.options import ApiOptions, ArkOptions, DashScopeOptions, OpenAIOptions, ZhipuOptions
from bench.generators.api.sizes import Listed, SizeRule, Within
from bench.generators.api.verdicts import ErrorRow
from prompts.suite import Box, Size


@dataclass(frozen=True, slots=True)
class Provider:
    """An image API.

    Attributes:
        base_url: Its own address.
        hosts: Its servers: the only ones that get the key without being told so by `key_env`.
        keys: Environment variables that may hold the key.
        options: What may follow the model.
        dialect: How it is asked.
        times: What stands between width and height.
        sizes: By what a model's name begins with, the longest match holds; a model without a rule is asked for what
            the prompt says.
        seeded: What the names of models that take a seed begin with.
        mark: Where its visible mark is; None where it draws none.
        request_ids: Headers that hold its name for an exchange.
        errors: What its codes mean.
    """

    base_url: str
    hosts: tuple[str, ...]
    keys: tuple[str, ...]
    options: type[ApiOptions]
    dialect: Dialect
    errors: tuple[ErrorRow, ...]
    sizes: Mapping[str, SizeRule]
    seeded: tuple[str, ...] = ()
    times: Literal["x", "*"] = "x"
    mark: Box | None = None
    request_ids: tuple[str, ...] = ("x-request-id",)

    def rule_for(self, model: str) -> SizeRule | None:
        """Return what sizes `model` has, as far as is known."""
        name = _bare(model)
        known = [prefix for prefix in self.sizes if name.startswith(prefix)]
        return self.sizes[max(known, key=len)] if known else None

    def takes_seed(self, model: str) -> bool:
        """Tell whether `model` is known to take a seed."""
        return bool(self.seeded) and _bare(model).startswith(self.seeded)


def _bare(model: str) -> str:
    """Return a model's name as it is abroad: Seedream is called doubao-seedream in China."""
    return model.removeprefix("doubao-")


_GPT_IMAGE = Listed((Size(1024, 1024), Size(1536, 1024), Size(1024, 1536)))

OPENAI = Provider(
    base_url="https://api.openai.com/v1",
    hosts=("api.openai.com",),
    keys=("OPENAI_API_KEY",),
    options=OpenAIOptions,
    dialect=OpenAIDialect(),
    sizes={
        "gpt-image-1": _GPT_IMAGE,
        "dall-e-3": Listed((Size(1024, 1024), Size(1792, 1024), Size(1024, 1792))),
        "dall-e-2": Listed((Size(256, 256), Size(512, 512), Size(1024, 1024))),
    },
    errors=(
        ErrorRow("moderation_blocked", "refused", "blocked by moderation"),
        ErrorRow("content_policy_violation", "refused", "against the content policy"),
        ErrorRow("invalid_api_key", "stop", "the key is not accepted"),
        ErrorRow("account_deactivated", "stop", "the account is closed"),
        ErrorRow("insufficient_quota", "stop", "the account has no money left"),
        ErrorRow("billing_hard_limit_reached", "stop", "the account's own limit is reached"),
        ErrorRow("model_not_found", "stop", "no such model for this key"),
        ErrorRow("rate_limit_exceeded", "retry", "too many requests"),
        ErrorRow("server_error", "retry", "the server failed"),
        ErrorRow("image_generation_server_error", "retry", "the server failed"),
        ErrorRow("image_generation_user_error", "fault", "the request is not accepted"),
        ErrorRow("invalid_request_error", "fault", "the request is not accepted"),
    ),
)

ZHIPU = Provider(
    base_url="https://open.bigmodel.cn/api/paas/v4",
    hosts=("open.bigmodel.cn", "api.z.ai"),
    keys=("ZHIPUAI_API_KEY", "ZAI_API_KEY"),
    options=ZhipuOptions,
    dialect=OpenAIDialect(),
    sizes={
        "cogview-": Within(512, 2048, 16, most=2**21),
        "glm-image": Within(1024, 2048, 32, most=2**22),
    },
    mark=Box(0.7, 0.9, 1.0, 1.0),
    errors=(
        ErrorRow("1301", "refused", "unsafe or sensitive content"),
        ErrorRow("1000", "stop", "the key is not accepted"),
        ErrorRow("1001", "stop", "the key is not accepted"),
        ErrorRow("1002", "stop", "the key is not accepted"),
        ErrorRow("1003", "stop", "the key has run out"),
        ErrorRow("1004", "stop", "the key is not accepted"),
        ErrorRow("1110", "stop", "the account is not active"),
        ErrorRow("1111", "stop", "there is no such account"),
        ErrorRow("1112", "stop", "the account is locked"),
        ErrorRow("1113", "stop", "the account has no money left"),
        ErrorRow("1120", "retry", "the account cannot be looked up"),
        ErrorRow("1210", "fault", "wrong parameters"),
        ErrorRow("1211", "stop", "no such model"),
        ErrorRow("1212", "stop", "the model is not called in this way"),
        ErrorRow("1213", "fault", "a parameter is missing"),
        ErrorRow("1214", "fault", "a parameter is not accepted"),
        ErrorRow("1220", "stop", "no right to call this"),
        ErrorRow("1221", "stop", "this is no longer offered"),
        ErrorRow("1222", "stop", "this is not offered"),
        ErrorRow("1230", "retry", "the server failed"),
        ErrorRow("1234", "retry", "the server's network failed"),
        ErrorRow("1261", "fault", "the prompt is too long"),
        ErrorRow("1302", "retry", "too many requests at a time"),
        ErrorRow("1303", "retry", "too many requests"),
        ErrorRow("1304", "stop", "the daily limit is reached"),
        ErrorRow("1305", "retry", "the server is overloaded"),
        ErrorRow("1308", "stop", "the account's limit is reached"),
        ErrorRow("1309", "stop", "the account's package has run out"),
    ),
)

ARK = Provider(
    base_url="https://ark.cn-beijing.volces.com/api/v3",
    hosts=("ark.cn-beijing.volces.com", "ark.ap-southeast.bytepluses.com"),
    keys=("ARK_API_KEY",),
    options=ArkOptions,
    dialect=OpenAIDialect(),
    sizes={
        "seedream-3-0": Within(512, 2048),
        "seedream-4-0": Within(240, 8192, fewest=921_600, most=2**24),
        "seedream-4-5": Within(480, 8192, fewest=3_686_400, most=2**24),
        "seedream-5-0": Within(480, 8192, fewest=3_686_400, most=2**24),
    },
    seeded=("seedream-3",),
    mark=Box(0.75, 0.9, 1.0, 1.0),
    request_ids=("x-request-id", "x-tt-logid"),
    errors=(
        ErrorRow("InputTextSensitiveContentDetected*", "refused", "sensitive content in the prompt"),
        ErrorRow("OutputImageSensitiveContentDetected*", "refused", "sensitive content in the picture"),
        ErrorRow("SensitiveContentDetected*", "refused", "sensitive content"),
        ErrorRow("ContentSecurityDetectionError", "retry", "the content check failed"),
        ErrorRow("AuthenticationError", "stop", "the key is not accepted"),
        ErrorRow("AccountOverdueError", "stop", "the account has no money left"),
        ErrorRow("AccessDenied*", "stop", "no right to call this"),
        ErrorRow("OperationDenied*", "stop", "no right to call this"),
        ErrorRow("InvalidEndpoint*", "stop", "no such model"),
        ErrorRow("ModelNotOpen", "stop", "the model is not switched on for this account"),
        ErrorRow("UnsupportedModel", "stop", "the model is not called in this way"),
        ErrorRow("SetLimitExceeded", "stop", "the account's own limit is reached"),
        ErrorRow("QuotaExceeded", "stop", "the account's free share is used up"),
        ErrorRow("RateLimitExceeded*", "retry", "too many requests"),
        ErrorRow("ModelAccountRpmRateLimitExceeded", "retry", "too many requests"),
        ErrorRow("ModelAccountIpmRateLimitExceeded", "retry", "too many pictures"),
        ErrorRow("AccountRateLimitExceeded", "retry", "too many requests"),
        ErrorRow("APIAccountRpmRateLimitExceeded", "retry", "too many requests"),
        ErrorRow("RequestBurstTooFast", "retry", "too many requests at a time"),
        ErrorRow("ServerOverloaded", "retry", "the server is overloaded"),
        ErrorRow("InternalServiceError", "retry", "the server failed"),
        ErrorRow("InvalidParameter*", "fault", "a parameter is not accepted"),
        ErrorRow("MissingParameter*", "fault", "a parameter is missing"),
    ),
)

_QWEN_IMAGE = Listed((Size(1664, 928), Size(1472, 1104), Size(1328, 1328), Size(1104, 1472), Size(928, 1664)))
_BY_PIXELS = Within(256, 4096, fewest=512**2, most=2048**2, aspect=8)

DASHSCOPE = Provider(
    base_url="https://dashscope.aliyuncs.com/api/v1",
    hosts=("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com"),
    keys=("DASHSCOPE_API_KEY",),
    options=DashScopeOptions,
    dialect=DashScopeDialect(),
    times="*",
    sizes={
        "qwen-image": _QWEN_IMAGE,
        "qwen-image-2": _BY_PIXELS,
        "wanx2": Within(512, 1440),
        "wan2.2": Within(512, 1440),
    },
    seeded=("",),
    mark=Box(0.7, 0.9, 1.0, 1.0),
    request_ids=("x-request-id", "x-dashscope-request-id"),
    errors=(
        ErrorRow("DataInspectionFailed", "refused", "inappropriate content"),
        ErrorRow("data_inspection_failed", "refused", "inappropriate content"),
        ErrorRow("IPInfringementSuspect", "refused", "another's rights"),
        ErrorRow("InvalidApiKey", "stop", "the key is not accepted"),
        ErrorRow("AccessDenied*", "stop", "no right to call this"),
        ErrorRow("Arrearage", "stop", "the account has no money left"),
        ErrorRow("PrepaidBillOverdue", "stop", "the account has no money left"),
        ErrorRow("PostpaidBillOverdue", "stop", "the account has no money left"),
        ErrorRow("CommodityNotPurchased", "stop", "the model is not bought"),
        ErrorRow("AllocationQuota.FreeTierOnly", "stop", "the account's free share is used up"),
        ErrorRow("insufficient_quota", "stop", "the account's limit is reached"),
        ErrorRow("ModelNotFound", "stop", "no such model"),
        ErrorRow("model_not_found", "stop", "no such model"),
        ErrorRow("ModelNotSupported", "stop", "the model is not called in this way"),
        ErrorRow("Throttling*", "retry", "too many requests"),
        ErrorRow("LimitRequests", "retry", "too many requests"),
        ErrorRow("RequestTimeOut", "retry", "the server took too long"),
        ErrorRow("InternalError*", "retry", "the server failed"),
        ErrorRow("SystemError", "retry", "the server failed"),
        ErrorRow("ModelServiceFailed", "retry", "the server failed"),
        ErrorRow("ModelUnavailable", "retry", "the model is not available at the moment"),
        ErrorRow("ServiceUnavailable", "retry", "the server is not available at the moment"),
        ErrorRow("InvalidParameter*", "fault", "a parameter is not accepted"),
        ErrorRow("BadRequest*", "fault", "the request is not accepted"),
    ),
)

PROVIDERS: dict[str, Provider] = {"openai": OPENAI, "zhipu": ZHIPU, "ark": ARK, "dashscope": DASHSCOPE}
"""By the kind of their specs."""

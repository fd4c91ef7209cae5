"""PyTorch's training step of the same transformer: pre-norm, fused attention, exact GELU. See step_server.py."""
import torch.nn.functional as F

from step_server import serve

HEADS = 4


def forward(p, inputs):
    h = F.linear(inputs["positions"], p["p.embed.w"].T, p["p.embed.b"])
    batch, points, width = h.shape
    layers = len({n.split(".")[2] for n in p if n.startswith("p.blocks.")})
    for i in range(layers):
        w = {n[len(f"p.blocks.{i}.") :]: t for n, t in p.items() if n.startswith(f"p.blocks.{i}.")}
        x = F.layer_norm(h, (width,), w["norm.gain"], w["norm.shift"])
        qkv = F.linear(x, w["qkv.w"].T, w["qkv.b"]).view(batch, points, 3, HEADS, width // HEADS)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, points, width)
        h = h + F.linear(a, w["out.w"].T, w["out.b"])
        x = F.layer_norm(h, (width,), w["mlpNorm.gain"], w["mlpNorm.shift"])
        h = h + F.linear(F.gelu(F.linear(x, w["mlpIn.w"].T, w["mlpIn.b"])), w["mlpOut.w"].T, w["mlpOut.b"])
    h = F.layer_norm(h, (width,), p["p.norm.gain"], p["p.norm.shift"])
    return F.linear(h, p["p.out.w"].T, p["p.out.b"])


serve(forward)

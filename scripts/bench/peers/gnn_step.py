"""PyTorch's training step of the same message-passing network, with index_select for the gather. See step_server.py."""
import torch
import torch.nn.functional as F

from step_server import serve


def forward(p, inputs):
    senders, displacements = inputs["senders"], inputs["displacements"]
    batch, points, k = senders.shape
    index = (senders + points * torch.arange(batch, dtype=torch.int32).view(-1, 1, 1)).reshape(-1)
    edges = displacements.reshape(batch * points * k, -1)
    edges = torch.cat([edges, edges.square().sum(1, keepdim=True).add(1e-12).sqrt()], 1)
    h = F.linear(inputs["features"].reshape(batch * points, -1), p["p.embed.w"].T, p["p.embed.b"])
    width = h.shape[1]
    layers = len({n.split(".")[2] for n in p if n.startswith("p.layers.")})
    for i in range(layers):
        w = {n[len(f"p.layers.{i}.") :]: t for n, t in p.items() if n.startswith(f"p.layers.{i}.")}
        sent = torch.index_select(h @ w["sender"], 0, index) + edges @ w["edge"]
        received = F.linear(h, w["receiver.w"].T, w["receiver.b"])
        first = F.silu(sent.view(-1, k, width) + received.unsqueeze(1))
        message = F.silu(F.linear(first, w["message.w"].T, w["message.b"]))
        messages = message.mean(1)
        update = F.silu(F.linear(h, w["updateSelf.w"].T, w["updateSelf.b"]) + messages @ w["updateMessages"])
        h = h + F.linear(update, w["updateOut.w"].T, w["updateOut.b"])
    return F.linear(h, p["p.out.w"].T, p["p.out.b"]).view(batch, points, -1)


serve(forward)

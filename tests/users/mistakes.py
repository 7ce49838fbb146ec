"""Mistakes: a type checker flags each line with a comment, and says so if it ceases to. This file is never run."""

import math

from autograd import GradientFlow, Tensor, Value, draw, grad, tanh

v = Value(2.0)
t = Tensor([1.0, 2.0])


def neuron(x: Value) -> Value:
    return x.tanh()


t.summ()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
v.foo  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
t.sum(axes=0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
t["a"]  # type: ignore[index]  # pyright: ignore[reportArgumentType]
Value("a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Value([1.0])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Tensor({"a": 1.0})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
v.data = "a"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
v + "a"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
t @ "a"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
math.exp(v)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
float(v)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
tanh("a")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
tanh([1.0, 2.0])  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
tanh(v, 2.0)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
v.relu(1.0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
grad(neuron)("a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
grad(neuron)(1.0, 2.0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
draw(3.0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
draw([v])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
draw(t, colour="red")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
GradientFlow(t)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
t.backward(create_graph="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

"""Other engines: micrograd, a student's own, and the same with one mistake each."""

import math

import micrograd.engine

Micro = micrograd.engine.Value


class Student:
    """An engine without mistakes; those derived from it make one each, or keep their operands in another container."""

    keep = tuple

    def __init__(self, data, operands=(), op="", label=""):
        self.data, self.grad, self.label = data, 0.0, label
        self._prev, self._op = self.keep(operands), op
        self._backward = lambda: None

    def result(self, data, op, *uses):
        """The result with its rule, which adds to the grad of each operand its partial times the result's grad."""
        out = type(self)(data, [operand for operand, _ in uses], op)

        def backward():
            for operand, partial in uses:
                self.give(operand, partial * out.grad)

        out._backward = backward
        return out

    @staticmethod
    def give(operand, contribution):
        operand.grad += contribution

    def __add__(self, other):
        return self.result(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __sub__(self, other):
        return self.result(self.data - other.data, "-", (self, 1.0), (other, -1.0))

    def __mul__(self, other):
        return self.result(self.data * other.data, "*", (self, other.data), (other, self.data))

    def __truediv__(self, other):
        quotient = self.data / other.data
        return self.result(quotient, "/", (self, 1 / other.data), (other, -quotient / other.data))

    def tanh(self):
        t = math.tanh(self.data)
        return self.result(t, "tanh", (self, self.slope(t)))

    @staticmethod
    def slope(t):
        return 1 - t * t

    def order(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for operand in node._prev:
                    visit(operand)
                order.append(node)

        visit(self)
        return order[::-1]

    def backward(self):
        self.grad = 1.0
        for node in self.order():
            node._backward()


class Sets(Student):
    keep = set


class Lists(Student):
    keep = list


class WrongTanh(Student):
    @staticmethod
    def slope(t):
        return 1 - t


class NoSum(Student):
    @staticmethod
    def give(operand, contribution):
        operand.grad = contribution


class BreadthFirst(Student):
    """Its sweep visits the nodes by their distance from the output."""

    def order(self):
        order, queue, seen = [], [self], {self}
        while queue:
            node = queue.pop(0)
            order.append(node)
            fresh = [x for x in dict.fromkeys(node._prev) if x not in seen]
            seen.update(fresh)
            queue += fresh
        return order


class Twice(Student):
    """Its sweep visits a node once for each use."""

    def order(self):
        return [self] + [node for operand in self._prev for node in operand.order()]


class NoSeed(Student):
    def backward(self):
        for node in self.order():
            node._backward()


class NoChain(Student):
    """Its tanh does not multiply by the grad of the result."""

    def tanh(self):
        t = math.tanh(self.data)
        out = self.result(t, "tanh", (self, 1 - t * t))

        def backward():
            self.grad += 1 - t * t

        out._backward = backward
        return out


class WrongValue(Student):
    def tanh(self):
        t = math.tanh(self.data) + 0.01
        return self.result(t, "tanh", (self, 1 - t * t))


def formula(kind):
    """A program that uses `x` and the product more than once, the product at different depths."""
    x, w = kind(0.5, label="x"), kind(-1.2, label="w")
    product = x * w
    return product * product.tanh() + x


def mixed_micrograd():
    a, b = Micro(-4.0), Micro(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    return f / 2.0 + 10.0 / f


def everything(output):
    found, open_ = {}, [output]
    while open_:
        node = open_.pop()
        if id(node) not in found:
            found[id(node)] = node
            open_ += node._prev
    return list(found.values())


def chain(length):
    y = Student(0.5, label="x")
    for _ in range(length):
        y = y.result(-y.data, "neg", (y, -1.0))
    return y

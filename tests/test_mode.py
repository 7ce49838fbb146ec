"""Modes: what is recorded in them, exceptions, decorators, and one object in several threads and tasks at once."""

import asyncio
import threading

import pytest

from autograd import Tape, Value, detect_anomaly, enable_grad, no_grad
from autograd.mode import current_mode
from tests.support.threads import in_threads

MODES = [no_grad, enable_grad, detect_anomaly, Tape]


@pytest.mark.parametrize("mode", MODES)
def test_one_object_may_be_used_in_several_threads_at_once(mode):
    switch = mode()
    entered, left = threading.Barrier(2, timeout=10), threading.Event()
    after = []

    def first():
        with switch:
            entered.wait()
            entered.wait()
        after.append(current_mode())
        left.set()

    def second():
        entered.wait()
        with switch:
            entered.wait()
            left.wait(10)  # the first to enter leaves first
        after.append(current_mode())

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert after == [None, None]


@pytest.mark.parametrize("mode", MODES)
def test_one_object_may_be_used_in_several_tasks_at_once(mode):
    switch = mode()

    async def work(turns):
        with switch:
            for _ in range(turns):
                await asyncio.sleep(0)
        return current_mode()

    async def together():
        return await asyncio.gather(*(work(turns) for turns in (3, 1, 2)))

    assert asyncio.run(together()) == [None, None, None]


def test_a_tape_in_several_threads_keeps_what_each_of_them_recorded():
    tape = Tape()

    def work():
        with tape:
            for _ in range(100):
                Value(1.0) * 2.0

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tape) == 4 * 100 * 2


def test_what_is_left_in_another_thread_than_it_was_entered_in_is_told():
    switch = no_grad()
    errors = []

    def leave():
        try:
            switch.__exit__()
        except RuntimeError as error:
            errors.append(str(error))

    with switch:
        thread = threading.Thread(target=leave)
        thread.start()
        thread.join()
    assert errors == ["no_grad was exited in a thread or task in which it was not entered"]
    assert current_mode() is None


def test_a_generator_that_stops_inside_a_mode_gives_the_mode_back_when_it_goes():
    def numbers():
        with no_grad():
            yield 1
            yield 2

    generator = numbers()
    with detect_anomaly():
        next(generator)
    generator.close()
    assert current_mode() is None


def test_nothing_is_recorded_under_no_grad_and_again_under_enable_grad():
    x = Value(2.0)
    with no_grad():
        constant = x * x
        with enable_grad():
            tracked = x * x
        assert not (x * x).inputs
    assert (constant.inputs, tracked.inputs) == ((), (x, x))
    assert (x * x).inputs == (x, x)


@pytest.mark.parametrize("mode", [no_grad, enable_grad, detect_anomaly, Tape])
def test_an_exception_restores_the_mode(mode):
    with pytest.raises(KeyError), mode():
        raise KeyError
    assert current_mode() is None


@pytest.mark.parametrize("mode", [no_grad, enable_grad, detect_anomaly])
def test_an_exception_in_an_inner_mode_restores_the_outer_one(mode):
    with Tape():
        outer = current_mode()
        with pytest.raises(KeyError), mode():
            raise KeyError
        assert current_mode() == outer


def test_one_switch_may_be_entered_twice():
    switch = no_grad()
    with switch:
        with switch:
            assert not current_mode().recording
        assert not current_mode().recording
    assert current_mode() is None


@pytest.mark.parametrize("decorator", [no_grad(), detect_anomaly()])
def test_modes_decorate_recursive_functions(decorator):
    @decorator
    def power(x, n):
        assert current_mode() is not None
        return x if n == 1 else x * power(x, n - 1)

    assert power(Value(2.0), 5).data == 32.0
    assert current_mode() is None


def test_no_grad_as_a_decorator_records_nothing_and_enable_grad_records_again():
    @no_grad()
    def outside(x):
        return x * x, inside(x)

    @enable_grad()
    def inside(x):
        return x * x

    x = Value(2.0)
    constant, tracked = outside(x)
    assert (constant.inputs, tracked.inputs) == ((), (x, x))


def test_a_decorated_function_may_run_in_several_threads():
    start = threading.Barrier(3)
    seen = []

    @no_grad()
    def work():
        start.wait(10)
        for _ in range(200):
            seen.append((current_mode().recording, (x * x).inputs))

    def in_thread():
        work()
        seen.append((False, ()) if current_mode() is None else (True, ()))

    x = Value(2.0)
    threads = [threading.Thread(target=in_thread) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) == {(False, ())}
    assert len(seen) == 603


def test_a_new_thread_records_whatever_the_mode_of_its_maker():
    found = []
    x = Value(2.0)
    with no_grad():
        thread = threading.Thread(target=lambda: found.append((x * x).inputs))
        thread.start()
        thread.join()
    assert found == [(x, x)]


def test_no_grad_changes_no_number():
    x = Value(0.3)
    with no_grad():
        inside = (x.sin() * 2 + x**2).data
    assert inside == (x.sin() * 2 + x**2).data


def test_no_grad_in_one_thread_does_not_reach_another():
    x = Value(2.0)
    inside, done = threading.Event(), threading.Event()

    def work(i):
        if i == 0:
            with no_grad():
                inside.set()
                done.wait(10)
                assert not (x * x).inputs
        else:
            inside.wait(10)
            assert (x * x).inputs == (x, x)
            done.set()

    in_threads(2, work)

"""The gradient of a policy from episodes: a cart is pushed to the left or right, so that its pole does not fall.

R. Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement learning", Machine
Learning 8, 1992. The cart is that of A. Barto, R. Sutton and C. Anderson, 1983.
"""

import numpy as np
from torch import nn, optim  # here: import nn, nn.optim as optim
from torch import stack, tensor  # here: from numpy import stack, array as tensor
from torch.distributions import Categorical  # here: from nn.distributions import Categorical

from tests.support.ports import begin

gamma = 0.99


class CartPole:
    def __init__(self, rng):
        self.rng = rng

    def reset(self):
        self.state = self.rng.uniform(-0.05, 0.05, size=4)
        self.steps = 0
        return self.state

    def step(self, action):
        _, velocity, angle, spin = self.state
        force = 10.0 if action == 1 else -10.0
        pushed = (force + 0.05 * spin**2 * np.sin(angle)) / 1.1
        turning = (9.8 * np.sin(angle) - np.cos(angle) * pushed) / (0.5 * (4 / 3 - 0.1 * np.cos(angle) ** 2 / 1.1))
        moving = pushed - 0.05 * turning * np.cos(angle) / 1.1
        self.state = self.state + 0.02 * np.array([velocity, moving, spin, turning])
        self.steps += 1
        done = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 0.21 or self.steps == 100
        return self.state, 1.0, done


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2))

    def forward(self, state):
        return Categorical(logits=self.net(state))


def discounted(rewards):
    returns = np.zeros(len(rewards))
    following = 0.0
    for t in reversed(range(len(rewards))):
        following = rewards[t] + gamma * following
        returns[t] = following
    return (returns - returns.mean()) / (returns.std() + 1e-8)


def run(steps):
    rng = np.random.default_rng(3)
    env = CartPole(rng)
    policy = begin(Policy(), seed=3)
    optimizer = optim.Adam(policy.parameters(), lr=0.02)

    losses = []
    for _ in range(steps):
        log_probs, entropies, rewards = [], [], []
        state, done = env.reset(), False
        while not done:
            dist = policy(tensor(state))
            action = rng.choice(2, p=dist.probs.tolist())
            log_probs.append(dist.log_prob(tensor(action)))
            entropies.append(dist.entropy())
            state, reward, done = env.step(action)
            rewards.append(reward)

        returns = tensor(discounted(rewards))
        loss = -(stack(log_probs) * returns).sum() - 0.01 * stack(entropies).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

"""A synthetic gym: rendered people doing the four lifts, with every joint angle known exactly.

A development tool: ``formcheck`` never imports it and the wheel does not hold it. The data flows
one way: spec -> motion -> body -> scene -> render -> truth. See ``docs/gym.md``.
"""

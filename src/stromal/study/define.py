"""How the endpoints of a protocol are defined, in the words that the report prints."""

from __future__ import annotations

from stromal.endpoints.registry import find_endpoint, use_parameters
from stromal.protocol.protocol import Protocol
from stromal.report.content import Definition


def define_endpoints(protocol: Protocol) -> tuple[Definition, ...]:
    """Criteria, conventions, sources and parameters of every endpoint in use, in order."""
    definitions = []
    for use in protocol.endpoints:
        rule = find_endpoint(use.rule)
        parameters = rule.read_parameters(use_parameters(use, protocol.visits))
        criteria = rule.criteria(parameters)
        definitions.append(
            Definition(
                name=use.name,
                title=rule.title,
                criteria=criteria.title,
                version=criteria.version,
                provenance=criteria.provenance,
                choices=criteria.choices,
                sources=criteria.sources,
                parameters=parameters.model_dump(mode="json"),
                labels=rule.labels_under(parameters),
            )
        )
    return tuple(definitions)


def label_endpoints(protocol: Protocol) -> dict[str, tuple[str, ...]]:
    """Labels that each endpoint of a protocol can give, in the order of its rule."""
    return {item.name: item.labels for item in define_endpoints(protocol)}

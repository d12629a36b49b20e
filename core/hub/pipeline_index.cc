#include "core/hub/pipeline_index.h"

#include <utility>

#include "core/model/value.h"
#include "core/query/predicate.h"

namespace tidemark::hub {
namespace {

std::string TextOf(const model::Value& value) {
  std::string text;
  model::AppendJson(text, value);
  return text;
}

}  // namespace

PipelineIndex::PipelineIndex(const model::Schema& schema)
    : schema_(schema), tables_(schema.tables().size()) {}

std::vector<PipelineIndex::Place> PipelineIndex::PlacesOf(const query::Query& query) const {
  const std::vector<query::Node> nodes = query::NodesOf(query);
  std::vector<Place> places;
  for (const query::Node& node : nodes) {
    Place place{node.table, std::nullopt};
    if (node.query != nullptr) {
      const std::size_t columns = schema_.table(node.table).columns.size();
      for (model::ColumnIndex column = 0; column < columns && !place.demand; ++column) {
        std::optional<model::Value> value = query::RequiredValue(node.query->where, column);
        if (value) place.demand = Demand{column, std::move(*value)};
      }
    }
    if (node.kind != query::Node::Kind::kRoot && !place.demand) {
      const std::optional<Demand>& parent = places[node.parent].demand;
      const bool from_junction = nodes[node.parent].kind == query::Node::Kind::kJunction;
      const query::Match& match = from_junction ? node.edge->through->match : node.edge->match;
      for (const auto& [own, other] : match) {
        if (parent && parent->column == own) place.demand = Demand{other, parent->value};
      }
    }
    places.push_back(std::move(place));
  }
  return places;
}

void PipelineIndex::Add(QueryPipeline* pipeline, const query::Query& query) {
  for (const Place& place : PlacesOf(query)) {
    Readers& readers = tables_[place.table];
    if (place.demand) {
      readers.by_value[place.demand->column][TextOf(place.demand->value)].insert(pipeline);
    } else {
      readers.any.insert(pipeline);
    }
  }
}

void PipelineIndex::Remove(QueryPipeline* pipeline, const query::Query& query) {
  for (const Place& place : PlacesOf(query)) {
    Readers& readers = tables_[place.table];
    readers.any.erase(pipeline);
    if (!place.demand) continue;
    const auto column = readers.by_value.find(place.demand->column);
    if (column == readers.by_value.end()) continue;
    const auto value = column->second.find(TextOf(place.demand->value));
    if (value == column->second.end()) continue;
    value->second.erase(pipeline);
    if (value->second.empty()) column->second.erase(value);
    if (column->second.empty()) readers.by_value.erase(column);
  }
}

PipelineSet PipelineIndex::Find(const model::ChangeSet& changes) const {
  PipelineSet found;
  for (const model::RowChange& change : changes) {
    const Readers& readers = tables_[change.table];
    found.insert(readers.any.begin(), readers.any.end());
    for (const auto& [column, by_value] : readers.by_value) {
      for (const model::Row* row : {&change.before, &change.after}) {
        if (!*row) continue;
        const auto pipelines = by_value.find(TextOf((*row)[column]));
        if (pipelines == by_value.end()) continue;
        found.insert(pipelines->second.begin(), pipelines->second.end());
      }
    }
  }
  return found;
}

}  // namespace tidemark::hub

// Which pipelines a commit can touch: found by table, and by the constant that a query demands of a
// column, so that ten thousand queries `board = <id>` cost a commit only for the boards that it
// touched. A related or exists query inherits the constant through the columns that it is matched
// by.
//
// Law: a pipeline that is not found for a change has the same result before and after it.
#ifndef TIDEMARK_CORE_HUB_PIPELINE_INDEX_H_
#define TIDEMARK_CORE_HUB_PIPELINE_INDEX_H_

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/hub/query_pipeline.h"
#include "core/model/row_change.h"
#include "core/model/schema.h"
#include "core/query/ast.h"

namespace tidemark::hub {

class PipelineIndex {
 public:
  explicit PipelineIndex(const model::Schema& schema);

  /// `query` is the one that the pipeline maintains; the same again for Remove.
  void Add(QueryPipeline* pipeline, const query::Query& query);
  void Remove(QueryPipeline* pipeline, const query::Query& query);

  PipelineSet Find(const model::ChangeSet& changes) const;

 private:
  struct Demand {
    model::ColumnIndex column = 0;
    model::Value value;
  };
  /// Of one table.
  struct Readers {
    PipelineSet any;  // demand no constant
    std::unordered_map<model::ColumnIndex, std::unordered_map<std::string, PipelineSet>> by_value;
  };
  struct Place {
    model::TableIndex table = 0;
    std::optional<Demand> demand;
  };

  std::vector<Place> PlacesOf(const query::Query& query) const;

  const model::Schema& schema_;
  std::vector<Readers> tables_;
};

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_PIPELINE_INDEX_H_

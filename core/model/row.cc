#include "core/model/row.h"

#include <utility>

namespace tidemark::model {

Row Row::Make(std::vector<Value> values) { return Row(new Data{1, std::move(values)}); }

bool operator==(const Row& a, const Row& b) {
  if (a.data_ == b.data_) return true;
  if (a.data_ == nullptr || b.data_ == nullptr) return false;
  return a.data_->values == b.data_->values;
}

void AppendRowJson(std::string& out, const Row& row) {
  out.push_back('[');
  for (std::size_t column = 0; column < row.size(); ++column) {
    if (column > 0) out.push_back(',');
    AppendJson(out, row[column]);
  }
  out.push_back(']');
}

std::string RowJson(const Row& row) {
  std::string json;
  AppendRowJson(json, row);
  return json;
}

Hash128 HashRow(std::string_view table, const Row& row) { return HashRowText(table, RowJson(row)); }

Hash128 HashRowText(std::string_view table, std::string_view row_json) {
  return HashBytes(row_json, HashBytes(table).low);
}

}  // namespace tidemark::model

// The schema document: from its JSON to tables, and back to its canonical text.
#ifndef TIDEMARK_CORE_MODEL_SCHEMA_DOCUMENT_H_
#define TIDEMARK_CORE_MODEL_SCHEMA_DOCUMENT_H_

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/model/schema.h"

namespace tidemark::model {

/// Tables as the document declares them, validated on their own and against one another.
Result<std::vector<Table>> TablesFromJson(const boost::json::value& document);

/// The document that every schema with these tables has: absent parts absent, keys sorted.
std::string TablesToJson(const std::vector<Table>& tables);

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_SCHEMA_DOCUMENT_H_

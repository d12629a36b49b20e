// Text of Postgres to canonical values. Two forms come in: the output of a column's own type (what
// the stream and the first copy carry, with the session settings of connection.h), and the
// canonical text that sql_writer.h selects. Both give the same value for the same datum.
// What no value can hold (NaN, infinities, dates beyond year 9999, JSON with U+0000) becomes null,
// and null in a required column 0, false, "" or an empty object: documented in docs/postgres.md.
#ifndef TIDEMARK_SERVER_POSTGRES_TYPES_H_
#define TIDEMARK_SERVER_POSTGRES_TYPES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "core/model/schema.h"

namespace tidemark::server {

enum class TextForm : std::uint8_t {
  kOutput,     // 2026-01-01 00:00:00.5+00, t, 0.1 (of a float8) …
  kFloat4,     // the output of a float4: shortest digits of a float, not of a double
  kCanonical,  // 1767225600500, true, …
};

model::Value ValueFromPostgres(const model::Column& column, TextForm form, std::string_view text);
/// NULL; in a required column what stands for it.
model::Value NullFromPostgres(const model::Column& column);

/// Whether a column of this type can be kept in a Postgres column of type `pg_type` (its base
/// type's name in pg_type; enums are named "enum").
bool IsUsable(model::ColumnType type, std::string_view pg_type, int type_modifier);
/// For messages: "text, varchar, uuid or an enum".
std::string_view UsableTypes(model::ColumnType type);
/// What --migrate creates.
std::string_view TypeToCreate(model::ColumnType type);

/// An expression that gives parameter `number` (bound as ParameterText) the column's type.
std::string ParameterExpression(const model::Column& column, std::size_t number);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_TYPES_H_

// The app's bundle, loaded: its schema, and a way to make engines that run its code. Loaded once at
// start, where everything that is wrong with it is found; the engines are made from the same text,
// one a worker thread.
#ifndef TIDEMARK_SERVER_APP_H_
#define TIDEMARK_SERVER_APP_H_

#include <memory>
#include <string>
#include <utility>

#include "core/base/result.h"
#include "core/model/schema.h"
#include "server/authority.h"
#include "server/engine/script_engine.h"

namespace tidemark::server {

class App {
 public:
  /// kNotFound for a file that cannot be read; kInvalidArgs for one that is not a bundle, with the
  /// line; errors of the schema name table and column.
  static Result<App> Load(const std::string& path, const ScriptLimits& limits);

  const model::Schema& schema() const { return *schema_; }
  /// May be copied and called on any thread, also after the app has gone.
  const AppHostFactory& host_factory() const { return host_factory_; }

 private:
  App(std::unique_ptr<model::Schema> schema, AppHostFactory host_factory)
      : schema_(std::move(schema)), host_factory_(std::move(host_factory)) {}

  std::unique_ptr<model::Schema> schema_;  // its address is what everything else refers to
  AppHostFactory host_factory_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_APP_H_

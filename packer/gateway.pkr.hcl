# What the image is called and holds, and in which order it is made; nothing else decides the order. Where it is made
# stands in a file of its own.

locals {
  # All that Packer itself has to know of a distribution; what the provisioners have to lies in distribution.sh.
  base = {
    al2023 = {
      owners     = ["amazon"]
      image_name = "al2023-ami-2023.*-kernel-*-${var.architecture}"
      user       = "ec2-user"
    }
    debian12 = {
      owners     = ["136693071363"]
      image_name = "debian-12-${var.architecture == "x86_64" ? "amd64" : "arm64"}-*"
      user       = "admin"
    }
  }[var.system_base]
  build_instance_type = var.build_instance_type != "" ? var.build_instance_type : (
    var.architecture == "x86_64" ? "t3.large" : "t4g.large"
  )

  baked_at     = timestamp()
  image_name   = "datomic-gateway-${var.gateway_version}-${var.system_base}-${var.architecture}-${formatdate("YYYYMMDDhhmmss", local.baked_at)}"
  description  = "Datomic access gateway ${var.gateway_version} on ${var.system_base}, commit ${substr(var.commit, 0, 7)}"
  deprecate_at = timeadd(local.baked_at, "${var.deprecate_after_days * 24}h")
  image_tags = merge(var.tags, {
    Name                              = local.image_name
    "datomic-gateway:version"         = var.gateway_version
    "datomic-gateway:commit"          = var.commit
    "datomic-gateway:base"            = var.system_base
    "datomic-gateway:architecture"    = var.architecture
    "datomic-gateway:deprecate-after" = local.deprecate_at
  })
  build_tags = merge(var.tags, { Name = "bake ${local.image_name}" })

  work = "/var/tmp/gateway-bake"
  run = join(" ", [
    "sudo -n env",
    "BAKE_DIR=${local.work}",
    "SYSTEM_BASE=${var.system_base}",
    "GATEWAY_VERSION='${var.gateway_version}'",
    "GATEWAY_COMMIT='${var.commit}'",
    "CONNECTORS='${join(",", var.connectors)}'",
    "LOG_SHIPPER=${var.log_shipper}",
    "GIVEN_BOOT_UNITS='${join(",", var.boot_units)}'",
    "bash",
  ])
}

build {
  name    = "datomic-gateway"
  sources = ["source.amazon-ebs.gateway"]

  provisioner "shell" {
    inline = ["mkdir -p -m 0700 ${local.work}"]
  }
  provisioner "file" {
    source      = "${var.contents}/"
    destination = "${local.work}"
  }
  provisioner "file" {
    source      = "${path.root}/provisioners"
    destination = "${local.work}"
  }

  # Each does one thing, says what failed under its name, and may be run twice.
  provisioner "shell" {
    inline = [for name in [
      "install-packages",
      "check-boot-units",
      "install-ssm-agent",
      "install-log-shipper",
      "install-java",
      "install-engine",
      "install-gateway",
      "train-engine",
      "smoke-run",
      "write-version-info",
    ] : "${local.run} ${local.work}/provisioners/${name}.sh"]
  }
  provisioner "file" {
    direction   = "download"
    source      = "/opt/datomic/gateway/version-info.json"
    destination = "${var.output}/version-info.json"
  }
  provisioner "file" {
    direction   = "download"
    source      = "/opt/datomic/gateway/sbom.cdx.json"
    destination = "${var.output}/sbom.cdx.json"
  }
  # The last gate. It also takes the rights away with which all of this was done, so nothing can come after it.
  provisioner "shell" {
    inline = ["${local.run} ${local.work}/provisioners/finish.sh"]
  }

  post-processor "manifest" {
    output     = "${var.output}/manifest.json"
    strip_path = true
    custom_data = {
      version      = var.gateway_version
      commit       = var.commit
      base         = var.system_base
      architecture = var.architecture
    }
  }
}

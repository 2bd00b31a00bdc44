# Every input of the image. Packer 1.6 has no functions with regular expressions, so that checks are as they are.

variable "system_base" {
  type        = string
  description = "Distribution that the image is made from: al2023 or debian12."
  default     = "al2023"
  validation {
    condition     = contains(["al2023", "debian12"], var.system_base)
    error_message = "The system_base is al2023 or debian12."
  }
}

variable "architecture" {
  type        = string
  description = "Processor architecture: x86_64 or arm64."
  default     = "x86_64"
  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture is x86_64 or arm64."
  }
}

variable "contents" {
  type        = string
  description = "Directory that packer/stage.sh has filled: the gateway, the engine, Java, the SSM agent."
  validation {
    condition     = length(var.contents) > 0
    error_message = "The contents is the directory that packer/stage.sh has filled; make ami names it."
  }
}

variable "output" {
  type        = string
  description = "Directory for the manifest, version-info.json and the SBOM."
  default     = "dist/image"
  validation {
    condition     = length(var.output) > 0
    error_message = "The output is a directory."
  }
}

variable "gateway_version" {
  type        = string
  description = "Version of this gateway; make ami takes it from package.json."
  validation {
    condition     = length(var.gateway_version) > 0
    error_message = "The gateway_version is the version in package.json; make ami names it."
  }
}

variable "commit" {
  type        = string
  description = "Commit that the image is made from; make ami takes it from git."
  validation {
    condition     = length(var.commit) >= 7
    error_message = "The commit has at least 7 digits; make ami names it."
  }
}

variable "connectors" {
  type        = list(string)
  description = "Connectors that catalogs may use (gate.connectors); the image carries only their plugins."
  default     = ["datomic"]
  validation {
    condition     = length(var.connectors) > 0
    error_message = "The connectors has at least one name."
  }
}

variable "log_shipper" {
  type        = string
  description = "What can send the gateway's log to CloudWatch when the stack asks for it: none, or cloudwatch for Amazon's agent."
  default     = "none"
  validation {
    condition     = contains(["none", "cloudwatch"], var.log_shipper)
    error_message = "The log_shipper is none or cloudwatch."
  }
}

variable "boot_units" {
  type        = list(string)
  description = "Further units that may start at boot, as patterns, where the base image has some of its own."
  default     = []
}

variable "region" {
  type        = string
  description = "AWS region to bake in; empty for that of the environment."
  default     = ""
}

variable "source_image" {
  type        = string
  description = "Image to start from; empty for the newest one of the distribution's owner."
  default     = ""
  validation {
    condition     = var.source_image == "" || substr(var.source_image, 0, 4) == "ami-"
    error_message = "The source_image is an image id such as ami-0123456789abcdef0, or empty."
  }
}

variable "build_instance_type" {
  type        = string
  description = "Instance type to bake on; empty for t3.large or t4g.large. Training the warm start wants 4 GiB."
  default     = ""
}

variable "vpc" {
  type        = string
  description = "VPC to bake in; empty for the default one."
  default     = ""
}

variable "subnet" {
  type        = string
  description = "Subnet to bake in; empty for any of the VPC."
  default     = ""
}

variable "transport" {
  type        = string
  description = "How Packer reaches the machine: public_ip, private_ip, or session_manager, which needs no open port."
  default     = "public_ip"
  validation {
    condition     = contains(["public_ip", "private_ip", "session_manager"], var.transport)
    error_message = "The transport is public_ip, private_ip or session_manager."
  }
}

variable "build_profile" {
  type        = string
  description = "Instance profile of the machine that bakes; session_manager needs one that lets the SSM agent in."
  default     = ""
}

variable "volume_size" {
  type        = number
  description = "Root volume of the image in GiB."
  default     = 8
  validation {
    condition     = var.volume_size >= 4
    error_message = "The volume_size is at least 4 GiB."
  }
}

variable "volume_key" {
  type        = string
  description = "KMS key of the root volume, as id, alias or ARN; empty for AWS's own. An image that is shared needs one of yours."
  default     = ""
}

variable "share_with" {
  type        = list(string)
  description = "Account ids that may launch the image."
  default     = []
}

variable "copy_to" {
  type        = map(string)
  description = "Further regions that the image is copied to, each with the KMS key there; empty for AWS's own."
  default     = {}
}

variable "deprecate_after_days" {
  type        = number
  description = "The image is marked as deprecated after this; it can still be launched by its id."
  default     = 180
  validation {
    condition     = var.deprecate_after_days >= 1
    error_message = "The deprecate_after_days is at least 1."
  }
}

variable "tags" {
  type        = map(string)
  description = "Further tags of image, snapshots and the machine that bakes."
  default     = {}
}
